"""What is beside the published contract: it has its own tests, and no row in `test_contract`."""

OURS = """
    /api/docs/  GET
    /api/redoc/  GET
    /api/schema/  GET
    /call/blocks/  GET POST
    /call/blocks/{pk}/  GET PUT PATCH DELETE
    /call/calendar/  GET POST DELETE
    /call/calendar/{token}.ics  GET
    /call/compliance/  GET
    /call/compliance/calls/  GET
    /call/next/  GET
    /call/{pk}/history/  GET
    /call/{pk}/snooze/  POST
    /call/{pk}/unsnooze/  POST
    /contact/contacts/{pk}/erase/  POST
    /contact/contacts/{pk}/history/  GET
    /contact/contacts/{pk}/personal_data/  GET
    /health/live  GET
    /health/ready  GET
    /kam/  GET
    /kam/api-keys/  GET POST
    /kam/api-keys/{pk}/  GET DELETE
    /kam/erasures/  GET
    /kam/erasures/{pk}/  GET
    /kam/invitations/  GET POST
    /kam/invitations/{pk}/  GET DELETE
    /kam/me/  GET PUT PATCH
    /kam/me/log-out-everywhere/  POST
    /kam/me/password/  POST
    /kam/me/personal-data/  GET
    /kam/me/sessions/  GET
    /kam/me/sessions/{session}/  DELETE
    /kam/password-reset/  POST
    /kam/password-reset/confirm/  POST
    /kam/people/  GET POST
    /kam/people/{pk}/  GET PUT PATCH DELETE
    /kam/people/{pk}/deactivate/  POST
    /kam/people/{pk}/erase/  POST
    /kam/people/{pk}/history/  GET
    /kam/people/{pk}/personal_data/  GET
    /kam/sign-up/  POST
    /kam/sign-up/request/  POST
    /kam/teams/  GET POST
    /kam/teams/{pk}/  GET PUT PATCH DELETE
    /lead/collaborators/  GET POST
    /lead/collaborators/{pk}/  GET DELETE
    /lead/covers/  GET POST
    /lead/covers/{pk}/  GET PUT PATCH DELETE
    /lead/restaurants/allocate/  POST
    /lead/restaurants/{pk}/allocate/  POST
    /lead/restaurants/{pk}/allocations/  GET
    /lead/restaurants/{pk}/brief/  GET
    /lead/restaurants/{pk}/claim/  POST
    /lead/restaurants/{pk}/history/  GET
    /lead/restaurants/{pk}/restore/  POST
    /lead/restaurants/{pk}/suggestions/  GET
    /notifications/  GET
    /notifications/messages/  GET
    /notifications/messages/read_all/  POST
    /notifications/messages/unread_count/  GET
    /notifications/messages/{pk}/  GET
    /notifications/messages/{pk}/read/  POST
    /notifications/preferences/  GET PATCH
    /notifications/unsubscribe/{secret}/  GET POST
    /performance/accounts/{pk}/  GET
    /performance/rhythm/  GET
    /performance/summary/  GET
    /performance/trends/  GET
    /track/interactions/{pk}/history/  GET
    /track/interactions/{pk}/restore/  POST
"""


def operations_of_ours() -> set[str]:
    """Each as `GET /path/`."""
    lines = (line.split() for line in OURS.strip().splitlines())
    return {f"{method} {path}" for path, *methods in lines for method in methods}
