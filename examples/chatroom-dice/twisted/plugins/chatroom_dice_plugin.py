"""Where chatroom finds /roll. All projects share this folder, so the file's name begins with the project's."""

from chatroom_dice import Roll

plugin_api = 1
roll = Roll()
