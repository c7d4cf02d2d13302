"""Where chatroom finds polls. All projects share this folder, so the file's name begins with the project's."""

from chatroom_poll import EndPoll, OpenPoll, Poll, Results, Vote

plugin_api = 1
poll = Poll()
open_poll = OpenPoll(poll)
vote = Vote(poll)
results = Results(poll)
end_poll = EndPoll(poll)
