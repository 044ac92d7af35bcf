"""The local house: what is started in which order, and kept running until somebody ends it.

The ground is Postgres, the emulator and the offline model. On it stands the cloud: MiniStack with the
deployed AppStack, and what needs its addresses, the fleet and the front. When MiniStack dies, the cloud is
built anew.
"""

import threading
import time
from contextlib import ExitStack

import psycopg
from psycopg.conninfo import conninfo_to_dict

from balas.db import bootstrap, migrate
from balas.db.bootstrap import RoleUrls
from balas.errors import Unavailable
from local import demo_shop, deploy, leftovers, ministack, port, postgres, programs, welcome
from local.child import Child, Program
from local.deploy import Outputs
from local.empty_queue import requeue_what_was_lost
from local.ministack import MiniStack
from local.postgres import Postgres
from local.progress import step, tell
from local.settings import Settings
from local.state_folder import StateFolder

LOOK_S = 0.5
STOP_LIMIT_S = 9
STAGE = "local"
DATABASE = "balas"
DEMO_SHOP = "demo_shop"


class House:
    """Everything that runs. Whatever happens between `open` and `close`, `close` ends all of it."""

    def __init__(self, settings: Settings, folder: StateFolder) -> None:
        self._settings = settings
        self._folder = folder
        self._secrets = folder.secrets()
        self._ground = ExitStack()
        self._cloud = ExitStack()
        self._children: list[Child] = []
        self._postgres: Postgres | None = None
        self._ministack: MiniStack | None = None
        self._urls: RoleUrls
        self._phone_url = ""
        self._model_port = port.find_free()

    def open(self) -> None:
        """Starts everything in order; returns when a browser can use it."""
        self._folder.refuse_other_whatsapp("real" if self._settings.real_whatsapp else "emulated")
        port.refuse_busy(self._settings.port, "BALAS_PORT")
        early = self._start_early()
        self._urls = self._open_database()
        for child in early:
            with step(f"Waiting for {child.program.name}"):
                child.await_ready()
        self._build_cloud()
        if not self._folder.is_marked(DEMO_SHOP):
            with step("Opening the demo shop"):
                demo_shop.open_shop(self._settings.origin, self._secrets)
            self._folder.mark(DEMO_SHOP)
        tell(welcome.text(self._settings, self._secrets, self._phone_url))

    def keep(self) -> None:
        """Keeps everything running: ends by an exception only."""
        while True:
            time.sleep(LOOK_S)
            if self._postgres and self._postgres.process.poll() is not None:
                raise Unavailable(f"Postgres ended: see {self._folder.path / 'postgres.log'}")
            if self._ministack and self._ministack.process.poll() is not None:
                tell("MiniStack ended: building the local cloud anew")
                self._cloud.close()
                self._build_cloud()
            for child in self._children:
                if news := child.revive(time.monotonic()):
                    tell(news)

    def close(self) -> None:
        """Ends everything, last started first; what has not ended by then is killed."""
        timer = threading.Timer(STOP_LIMIT_S, self._kill)
        timer.start()
        with self._ground:
            self._cloud.close()
        timer.cancel()

    def _start_early(self) -> list[Child]:
        """What takes a while and needs nobody comes up while the database does."""
        settings = self._settings
        early: list[Program] = []
        if settings.runs_emulator:
            port.refuse_busy(settings.emulator_port, "BALAS_EMULATOR_PORT")
            early.append(programs.emulator(settings, self._folder))
        if not settings.openai_api_key:
            early.append(programs.offline_model(self._model_port, self._folder))
        return [self._start(program, self._ground) for program in early]

    def _open_database(self) -> RoleUrls:
        admin_url, name = self._settings.admin_url, DATABASE
        with step("Starting Postgres"):
            if admin_url is None:
                self._postgres = postgres.start(self._folder.path / "postgres", durable=True)
                self._ground.callback(self._postgres.stop)
                admin_url = self._postgres.admin_url
            else:
                name = str(conninfo_to_dict(admin_url).get("dbname") or name)
        with step("Preparing the database"):
            name = DATABASE if name == "postgres" else name
            try:
                urls = bootstrap.prepare(admin_url, name, self._secrets.role_passwords)
            except psycopg.Error as error:
                reason = str(error).strip().splitlines()[0]
                raise Unavailable(f"{reason}; DATABASE_URL must name an administrator's login") from error
            migrate.migrate(urls.owner)
        return urls

    def _build_cloud(self) -> None:
        folder, settings = self._folder, self._settings
        with step("Starting MiniStack"):
            aws = ministack.start(port.find_free(), folder.path / "ministack", folder.logs / "ministack.log")
            self._ministack = aws
            self._cloud.callback(aws.stop)
        with step("Deploying the AppStack"):
            outputs = self._deploy(aws.endpoint)
            requeue_what_was_lost(self._urls.owner)
        emulator = programs.emulator_variables(settings, folder)
        self._phone_url = f"{emulator['EMULATOR_URL']}/phone" if emulator else ""
        folder.tell_operator(
            {
                "DATABASE_URL": self._urls.owner,
                "INBOUND_QUEUE_URL": outputs.inbound_queue_url,
                "DEAD_LETTER_QUEUE_URL": outputs.dead_letter_queue_url,
                **ministack.client_environment(aws.endpoint),
            }
        )
        fleet = programs.fleet(settings, self._urls, outputs, aws.endpoint, folder)
        front = programs.front(settings, outputs, self._phone_url, folder)
        for program in (fleet, front):
            with step(f"Starting {program.name}"):
                self._start(program, self._cloud).await_ready()
        with step("Waiting for the API"):
            programs.await_api(settings, folder)

    def _deploy(self, endpoint: str) -> Outputs:
        settings = self._settings
        offline = not settings.openai_api_key
        parameters = {
            "Stage": STAGE,
            "PublicOrigin": settings.origin,
            "AiBaseUrl": f"http://127.0.0.1:{self._model_port}/v1" if offline else settings.openai_base_url,
            "AiModel": "offline" if offline else settings.openai_model,
        }
        agent = {"database_url": self._urls.app, "openai_api_key": settings.openai_api_key or "offline"}
        secrets = {
            f"balas/{STAGE}/api": {**agent, "token_key": self._secrets.token_key},
            f"balas/{STAGE}/socket": {"database_url": self._urls.app},
            f"balas/{STAGE}/ai-worker": agent,
            f"balas/{STAGE}/followup": agent,
        }
        return deploy.deploy(endpoint, parameters, secrets)

    def _start(self, program: Program, stack: ExitStack) -> Child:
        child = Child(program)
        self._children.append(child)
        stack.callback(self._stop, child)
        return child

    def _kill(self) -> None:
        leftovers.kill(self._folder.path)
        if self._postgres:
            self._postgres.process.kill()

    def _stop(self, child: Child) -> None:
        self._children.remove(child)
        child.stop()
