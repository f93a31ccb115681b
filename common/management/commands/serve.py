"""One command from an empty folder to a served API."""

import os
import socket
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

ROOT = Path(__file__).resolve().parents[3]


class Command(BaseCommand):
    help = "Bring the database up to date, fill an empty one with demo data, and serve with a production server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="The address to listen on. Default: this machine only.")
        parser.add_argument("--port", default=8000, type=int, help="Default: 8000.")
        parser.add_argument("--workers", default=2, type=int, help="How many processes serve. Default: 2.")
        parser.add_argument("--no-jobs", action="store_true", help="Leave the jobs to others.")

    def handle(self, *, host: str, port: int, workers: int, no_jobs: bool, **options: Any) -> None:
        self.refuse_taken_port(host, port)
        self.stdout.write("Bringing the database up to date.")
        call_command("migrate", interactive=False, verbosity=0)
        self.introduce_people()
        if not settings.WHITENOISE_USE_FINDERS:
            self.stdout.write("Collecting the static files.")
            call_command("collectstatic", interactive=False, verbosity=0)
        self.say_where(f"http://{host}:{port}")
        if not no_jobs:
            self.begin_jobs()
        command = [sys.executable, "-m", "gunicorn", settings.WSGI_APPLICATION.replace(".application", ":application")]
        command += ["--config", str(ROOT / "deploy" / "gunicorn.conf.py")]
        command += ["--bind", f"{host}:{port}", "--workers", str(workers)]
        os.execv(sys.executable, command)  # noqa: S606 - in this process, so that its signals reach the server

    def refuse_taken_port(self, host: str, port: int) -> None:
        """Say so before any work is done, rather than after."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as taken:
                raise CommandError(
                    f"Cannot listen on {host}:{port}: {taken.strerror}. Another port: make run PORT={port + 1}"
                ) from taken

    def introduce_people(self) -> None:
        """Let the demo fill an empty database, or name its people where it is; all other databases it refuses."""
        try:
            call_command("demo", stdout=self.stdout, stderr=self.stderr)
        except CommandError as refusal:
            if not get_user_model().objects.exists():
                self.stdout.write(f"{refusal}\nNobody can log in yet: manage.py createsuperuser")

    def begin_jobs(self) -> None:
        """Run the jobs beside the server. They end when this process does, however that happens."""
        # The server takes over this process and its children, so they are its own from then on.
        subprocess.Popen([sys.executable, str(ROOT / "manage.py"), "run_jobs", "--beside", str(os.getpid())])  # noqa: S603

    def say_where(self, url: str) -> None:
        self.stdout.write(f"\nAPI    {url}/lead/\nDocs   {url}/api/docs/\nAdmin  {url}/admin/\nMails  {self.mails}")
        self.stdout.write("Stop with Ctrl+C.\n")
        self.stdout.flush()

    @property
    def mails(self) -> str:
        """Where mails go."""
        if settings.EMAIL_BACKEND.endswith(".filebased.EmailBackend"):
            return f"written to {getattr(settings, 'EMAIL_FILE_PATH', '')}"
        if settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend"):
            return f"sent through {settings.EMAIL_HOST}"
        return f"left to {settings.EMAIL_BACKEND}"
