from django.urls import re_path

from common.api.routers import ModuleRouter
from contact.views import ContactChangesViewSet, ContactViewSet

router = ModuleRouter()
router.register("contacts", ContactViewSet, basename="contact")

urlpatterns = [
    *router.urls_with_index(),
    re_path(
        "^contacts/(?P<pk>[0-9]{1,18})/history/$",
        ContactChangesViewSet.as_view({"get": "list"}, detail=False),
        name="contact-changes",
    ),
]
