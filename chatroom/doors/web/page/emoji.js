/**
 * Emoji by name, as people type them: ":tada:". Made of chatroom/client/emoji.py by tests/emoji.py: change that.
 */

const WORDS = `
smile 😄 grin 😁 joy 😂 rofl 🤣 smiley 😃 slightly_smiling_face 🙂 upside_down_face 🙃 wink 😉 blush 😊 innocent 😇
heart_eyes 😍 kissing_heart 😘 yum 😋 stuck_out_tongue 😛 winking_tongue 😜 zany_face 🤪 hugs 🤗
thinking 🤔 zipper_mouth_face 🤐 raised_eyebrow 🤨 neutral_face 😐 expressionless 😑 smirk 😏 unamused 😒
roll_eyes 🙄 grimacing 😬 relieved 😌 pensive 😔 sleepy 😪 sleeping 😴 mask 😷 dizzy_face 😵 exploding_head 🤯
cowboy_hat_face 🤠 partying_face 🥳 sunglasses 😎 nerd_face 🤓 monocle_face 🧐 confused 😕 worried 😟
slightly_frowning_face 🙁 open_mouth 😮 astonished 😲 flushed 😳 pleading_face 🥺 fearful 😨 cold_sweat 😰 cry 😢 sob 😭
scream 😱 disappointed 😞 sweat 😓 sweat_smile 😅 weary 😩 tired_face 😫 yawning_face 🥱 triumph 😤 angry 😠 rage 😡
smiling_imp 😈 skull 💀 poop 💩 clown_face 🤡 ghost 👻 alien 👽 robot 🤖 see_no_evil 🙈 hear_no_evil 🙉 speak_no_evil 🙊
heart ❤️ orange_heart 🧡 yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 black_heart 🖤 white_heart 🤍
broken_heart 💔 sparkling_heart 💖 100 💯 boom 💥 sweat_drops 💦 dash 💨 zzz 💤 speech_balloon 💬
wave 👋 raised_hand ✋ vulcan_salute 🖖 ok_hand 👌 pinching_hand 🤏 v ✌️ crossed_fingers 🤞 metal 🤘 call_me_hand 🤙
point_left 👈 point_right 👉 point_up_2 👆 point_down 👇 point_up ☝️ thumbsup 👍 +1 👍 thumbsdown 👎 -1 👎 fist ✊
facepunch 👊 clap 👏 raised_hands 🙌 open_hands 👐 handshake 🤝 pray 🙏 writing_hand ✍️ muscle 💪 brain 🧠 eyes 👀 eye 👁️
shrug 🤷 facepalm 🤦 bow 🙇 raising_hand 🙋 dancer 💃 man_dancing 🕺 runner 🏃 walking 🚶 baby 👶 detective 🕵️
dog 🐶 cat 🐱 mouse 🐭 hamster 🐹 rabbit 🐰 fox 🦊 bear 🐻 panda 🐼 tiger 🐯 lion 🦁 cow 🐮 pig 🐷 frog 🐸 monkey 🐒
chicken 🐔 penguin 🐧 bird 🐦 owl 🦉 wolf 🐺 horse 🐴 unicorn 🦄 bee 🐝 bug 🐛 butterfly 🦋 snail 🐌 turtle 🐢 snake 🐍
octopus 🐙 crab 🦀 fish 🐟 dolphin 🐬 whale 🐳 elephant 🐘 sloth 🦥 hedgehog 🦔 bouquet 💐 cherry_blossom 🌸 rose 🌹
sunflower 🌻 seedling 🌱 evergreen_tree 🌲 cactus 🌵 four_leaf_clover 🍀 maple_leaf 🍁 mushroom 🍄 earth 🌍
moon 🌙
sunny ☀️ star ⭐ star2 🌟 sparkles ✨ zap ⚡ fire 🔥 rainbow 🌈 cloud ☁️ umbrella ☔ snowflake ❄️ snowman ⛄ ocean 🌊
apple 🍎 pear 🍐 lemon 🍋 banana 🍌 watermelon 🍉 grapes 🍇 strawberry 🍓 cherries 🍒 peach 🍑 pineapple 🍍 avocado 🥑
eggplant 🍆 carrot 🥕 hot_pepper 🌶️ corn 🌽 bread 🍞 cheese 🧀 egg 🥚 pancakes 🥞 bacon 🥓 hamburger 🍔 fries 🍟 pizza 🍕
taco 🌮 sushi 🍣 ramen 🍜 icecream 🍦 doughnut 🍩 cookie 🍪 birthday 🎂 cake 🍰 chocolate_bar 🍫 popcorn 🍿 honey_pot 🍯
coffee ☕ tea 🍵 beer 🍺 beers 🍻 wine_glass 🍷 cocktail 🍸 champagne 🍾 clinking_glasses 🥂 fork_and_knife 🍴
tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 christmas_tree 🎄 jack_o_lantern 🎃 fireworks 🎆 trophy 🏆 medal 🏅
soccer ⚽
basketball 🏀 tennis 🎾 dart 🎯 video_game 🎮 game_die 🎲 jigsaw 🧩 art 🎨 guitar 🎸 musical_note 🎵 headphones 🎧
microphone 🎤 movie_camera 🎥 camera 📷 bike 🚲 car 🚗 bus 🚌 train 🚆 airplane ✈️ rocket 🚀 ship 🚢 anchor ⚓ house 🏠
office 🏢 hospital 🏥 school 🏫 tent ⛺ world_map 🗺️ watch ⌚ alarm_clock ⏰ hourglass ⌛ computer 💻 desktop 🖥️
keyboard ⌨️ phone ☎️ iphone 📱 battery 🔋 electric_plug 🔌 bulb 💡 flashlight 🔦 book 📖 books 📚 newspaper 📰 money 💰
email 📧 envelope ✉️ package 📦 mailbox 📫 pencil2 ✏️ memo 📝 calendar 📅 chart 📈 clipboard 📋 pushpin 📌 paperclip 📎
scissors ✂️ lock 🔒 unlock 🔓 key 🔑 hammer 🔨 wrench 🔧 gear ⚙️ link 🔗 magnet 🧲 test_tube 🧪 microscope 🔬 pill 💊
door 🚪 broom 🧹 wastebasket 🗑️ bell 🔔 no_bell 🔕 loudspeaker 📢 mag 🔍 shield 🛡️ crown 👑 gem 💎 crystal_ball 🔮
warning ⚠️ construction 🚧 rotating_light 🚨 stop_sign 🛑 no_entry ⛔ no_entry_sign 🚫 x ❌ o ⭕ white_check_mark ✅
heavy_check_mark ✔️ question ❓ exclamation ❗ bangbang ‼️ recycle ♻️ infinity ♾️ arrow_right ➡️ arrow_left ⬅️
arrow_up ⬆️ arrow_down ⬇️ repeat 🔁 red_circle 🔴 green_circle 🟢 yellow_circle 🟡 blue_circle 🔵 checkered_flag 🏁
white_flag 🏳️ pirate_flag 🏴‍☠️
`.trim().split(/\s+/u);

/** The character of each name, without the colons. */
export const EMOJI = new Map();
for (let at = 0; at < WORDS.length; at += 2) EMOJI.set(WORDS[at], WORDS[at + 1]);
