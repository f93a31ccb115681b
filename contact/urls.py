from common.api.history import history_at
from common.api.routers import ModuleRouter
from contact.models import Contact
from contact.views import ContactViewSet

router = ModuleRouter()
router.register("contacts", ContactViewSet, basename="contact")

urlpatterns = [*router.urls_with_index(), history_at("contacts/", Contact.objects)]
