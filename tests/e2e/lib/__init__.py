"""What the end-to-end tests stand on: the phone, its peers, its screens."""
