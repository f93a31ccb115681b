"""Of the peer in django-ninja."""

from benchmarks.peers.django_base import *  # noqa: F403

ROOT_URLCONF = "benchmarks.peers.ninja_api"
