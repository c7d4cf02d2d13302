"""What the parts promise each other, without any of them."""
