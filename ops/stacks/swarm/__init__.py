"""The Swarm stack: the services of docker-compose.yml on Docker Swarm, by `docker stack deploy`."""
