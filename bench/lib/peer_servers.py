"""Message brokers that are measured beside the dispatcher: each a private process on a free port of the loopback
interface, with a temporary folder, and with nothing kept on a disk. All else is as their packages have it."""

import glob
import tempfile
from contextlib import contextmanager
from pathlib import Path

from server_process import ServerFailed
from servers import free_port

REDIS = "redis"
RABBITMQ = "rabbitmq"
NATS = "nats"

#: It takes seconds to start, and more where the machine is busy.
RABBITMQ_SECONDS = 60


@contextmanager
def redis(servers, folder):
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", port, "--dir", folder]
    with servers.launch(REDIS, [*command, "--save", "", "--appendonly", "no"]) as server:
        server.wait_until_listening(port)
        yield server


@contextmanager
def nats(servers, folder):
    with servers.launch(NATS, ["nats-server", "--addr", "127.0.0.1", "--port", -1]) as server:
        server.port = int(server.wait_for(r"Listening for client connections on 127\.0\.0\.1:(\d+)")[1])
        server.wait_for("Server is ready")
        yield server


@contextmanager
def rabbitmq(servers, folder):
    names = free_port()
    # Erlang would start one that outlives the server, where none is there.
    with servers.launch("epmd", ["epmd", "-address", "127.0.0.1", "-port", names]) as epmd:
        epmd.wait_until_listening(names)
        port = free_port()
        with servers.launch(RABBITMQ, [rabbitmq_script()], **rabbitmq_environment(folder, names, port)) as server:
            server.wait_for("Server startup complete", RABBITMQ_SECONDS)
            server.port = port
            yield server


def rabbitmq_script():
    """Debian's own in /usr/sbin is only for root and its user, and becomes that user."""
    found = glob.glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server")
    if not found:
        raise ServerFailed("there is no RabbitMQ: deploy/install-packages peers")
    return sorted(found)[-1]


def rabbitmq_environment(folder, names, port):
    place = Path(folder)
    return {
        "HOME": folder,
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(names),
        "RABBITMQ_NODENAME": "peers@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        # By default 20,000 above the other, which may be no port.
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_MNESIA_BASE": str(place / "mnesia"),
        "RABBITMQ_LOG_BASE": str(place / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(place / "pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "plugins"),
        "RABBITMQ_CONFIG_FILE": str(place / "none"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        # The script then becomes the server, whose id is that of what was started.
        "RUNNING_UNDER_SYSTEMD": "true",
    }


PEERS = {REDIS: redis, RABBITMQ: rabbitmq, NATS: nats}


@contextmanager
def start_peer(servers, name):
    """A broker that is ready."""
    with tempfile.TemporaryDirectory(prefix="dispatcher-peers-") as folder:
        with PEERS[name](servers, folder) as server:
            yield server
