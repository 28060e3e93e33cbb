"""What sets the project up and checks it."""
