"""The few tests that start a real twistd and talk to it over real sockets, each with a bound on its time."""
