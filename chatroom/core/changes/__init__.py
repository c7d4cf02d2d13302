"""
What each kind of event changes in the L{State<chatroom.core.state.State>}, a module per family. They are called by
L{State.apply<chatroom.core.state.State.apply>} alone. They decide nothing and refuse nothing: an event that is true
already, or was overtaken by another node's, does no harm.
"""
