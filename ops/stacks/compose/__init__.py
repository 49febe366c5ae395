"""The Compose stack: the containers of docker-compose.yml, driven with the Docker SDK."""
