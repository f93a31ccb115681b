from django.urls import path

from kams.views.tokens import LogInView, LogOutView, RefreshView, VerifyView

urlpatterns = [
    path("", LogInView.as_view(), name="token"),
    path("refresh/", RefreshView.as_view(), name="token-refresh"),
    path("verify/", VerifyView.as_view(), name="token-verify"),
    path("blacklist/", LogOutView.as_view(), name="token-blacklist"),
]
