from django.apps import AppConfig

from notifications.events import unsubscribed


class ContactConfig(AppConfig):
    name = "contact"
    verbose_name = "Contacts"

    def ready(self) -> None:
        from contact.models import Contact  # noqa: PLC0415 - models are there once all apps are ready

        unsubscribed.received_by(Contact.objects.opt_out)
