from django.urls import path

from common.api.routers import ModuleRouter
from notifications.views import MessageViewSet, PreferencesView, ReadAllView, UnreadCountView, UnsubscribeView

router = ModuleRouter()
router.register("messages", MessageViewSet, basename="message")

urlpatterns = [
    path("messages/read_all/", ReadAllView.as_view(), name="read-all"),
    path("messages/unread_count/", UnreadCountView.as_view(), name="unread-count"),
    *router.urls_with_index("preferences"),
    path("preferences/", PreferencesView.as_view(), name="preferences"),
    path("unsubscribe/<str:secret>/", UnsubscribeView.as_view(), name="unsubscribe"),
]
