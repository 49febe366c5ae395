"""The labels of what is on the engine: Compose's, Swarm's and ours."""

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
NUMBER = "com.docker.compose.container-number"
ONE_OFF = "com.docker.compose.oneoff"
FILES, FOLDER = "com.docker.compose.project.config_files", "com.docker.compose.project.working_dir"
SETTINGS = "com.docker.compose.project.environment_file"

TASK = "com.docker.swarm.task.name"
"""On what Swarm made: `<service>.<slot>.<task>`, or `<service>.<node>.<task>` where each node has one."""

STACK = "gateproof.stack"
"""On every container, network and volume: the folder of the stack."""

CALLER = "gateproof.faults.caller"
"""On a fault proxy: the service whose container it has joined."""
