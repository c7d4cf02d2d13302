"""
The door of browsers: the page, and the WebSocket that it talks through.
"""
