from common.api.routers import ModuleRouter
from contact.views import ContactViewSet

router = ModuleRouter()
router.register("contacts", ContactViewSet, basename="contact")

urlpatterns = router.urls_with_index()
