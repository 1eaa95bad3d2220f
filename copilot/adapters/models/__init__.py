"""Chat models through litellm."""
