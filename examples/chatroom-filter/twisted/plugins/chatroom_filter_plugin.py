"""Where chatroom finds the filter. All projects share this folder, so the file's name begins with the project's."""

from chatroom_filter import Factory

plugin_api = 1
rules = Factory()
