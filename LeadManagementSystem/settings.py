"""Settings: read from the environment, safe by default. See `.env.example` for each variable."""

from datetime import timedelta
from typing import Any

from LeadManagementSystem import watching
from LeadManagementSystem.env import PRODUCTION, STATE_DIR, bounded, cache, databases, env, one_of, secret, time_of_day

(STATE_DIR / "static").mkdir(parents=True, exist_ok=True)  # whitenoise warns where there is none

# --- Django ---------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = secret("SECRET_KEY")
AUDIT_KEY = secret("AUDIT_KEY")  # Signs the history of what was changed, and its seals.
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "LeadManagementSystem.urls"
WSGI_APPLICATION = "LeadManagementSystem.wsgi.application"
ASGI_APPLICATION = "LeadManagementSystem.asgi.application"
APPEND_SLASH = False  # A redirect would answer HTML, and lose the body of a POST.
TEST_RUNNER = "tests.runner.PytestRunner"

INSTALLED_APPS = [
    "LeadManagementSystem.apps.WiringConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "tree_queries",
    "axes",
    "common",
    "kams",
    "notifications",
    "leads",
    "contact",
    "interaction_tracking",
    "performance_tracking",
    "call_planning",
]
if watching.METRICS_TOKEN:
    INSTALLED_APPS.append("django_prometheus")
MIDDLEWARE = watching.measured(
    [
        "common.middleware.logged",
        "django.middleware.security.SecurityMiddleware",
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "corsheaders.middleware.CorsMiddleware",
        "common.pages.Policies",
        "common.pages.Sessions",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "common.pages.People",
        "common.middleware.limited",
        "common.pages.Messages",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "axes.middleware.AxesMiddleware",
        "common.api.door.door",
    ]
)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Data -----------------------------------------------------------------------------------------
DATABASES = databases()
DATABASE_ROUTERS = ["common.replicas.Router"] if len(DATABASES) > 1 else []
# For how long who has written reads from the primary; a replica that is half as far behind is not read from.
REPLICA_LAG_SECONDS = bounded("REPLICA_LAG_SECONDS", 10, least=6, most=3600)
MIGRATE_LOCK_TIMEOUT_MS = env.int("MIGRATE_LOCK_TIMEOUT_MS", 2_000)
# The newest migration of each app in the last release, as in "leads": "0012_what_it_does": what comes later has to run
# while that release serves. Nothing has been released yet, so that nobody has to be spared.
RELEASED_MIGRATIONS: dict[str, str] = {}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": cache(shared=bool(DATABASE_ROUTERS))}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# --- Words and time -------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("hi", "Hindi"), ("es", "Spanish")]  # What people can be written to in.
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", "UTC")  # The organisation's zone: reports count its days and months.

# --- People ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "kams.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SIGN_UP = one_of("SIGN_UP", "invitation", "open", "closed")
INVITATION_DAYS = env.int("INVITATION_DAYS", 14)
SESSION_HOURS = env.int("SESSION_HOURS", 12)  # How long a login lasts at most, however often refreshed.
PASSWORD_RESET_TIMEOUT = 3600
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Failed log-ins count for the account and for the address; see `kams.attempts`.
AXES_FAILURE_LIMIT = env.int("LOGIN_ATTEMPTS", 8)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOGIN_LOCK_MINUTES", 15))
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "kams.attempts.account_named"
AXES_CLIENT_IP_CALLABLE = "common.api.door.address_of"
AXES_LOCKOUT_CALLABLE = "kams.attempts.too_many"
AXES_DISABLE_ACCESS_LOG = True  # A log-in is a Session.
AXES_ENABLE_ADMIN = False  # We have a page of our own.
AXES_VERBOSE = False
API_URL = env.str("API_URL", "http://127.0.0.1:8000")
FRONT_END_URL = env.str("FRONT_END_URL", "http://127.0.0.1:8000")
# What signed tokens before: those are good until they run out, so that a new key logs nobody out.
JWT_PREVIOUS_SIGNING_KEY = secret("JWT_PREVIOUS_SIGNING_KEY", optional=True)
SIMPLE_JWT = {
    "AUTH_TOKEN_CLASSES": ["kams.keyring.AccessToken"],
    "ALGORITHM": "HS256",
    "SIGNING_KEY": secret("JWT_SIGNING_KEY"),
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=30),
    "REFRESH_TOKEN_LIFETIME": timedelta(hours=SESSION_HOURS),
    "UPDATE_LAST_LOGIN": False,
}

# --- The product ----------------------------------------------------------------------------------
PERFORMING_REVENUE = env.int("PERFORMING_REVENUE", 10_000)
UNDERPERFORMING_REVENUE = env.int("UNDERPERFORMING_REVENUE", 10_000)
UNDERPERFORMING_ORDER_PERCENT = env.int("UNDERPERFORMING_ORDER_PERCENT", 80)
# For how many days the interactions of inactive restaurants stay in the database; 0: for good.
RETENTION_DAYS = env.int("RETENTION_DAYS", 0)
RETENTION_FOLDER = env.str("RETENTION_FOLDER", str(STATE_DIR / "archive"))
CLOCK_SKEW = timedelta(minutes=5)
# When people are told what their day brings, by their own clocks.
MORNING_PLAN_AT = time_of_day("MORNING_PLAN_AT", env.str("MORNING_PLAN_AT", "07:00"))
PHONE_REGION = env.str("PHONE_REGION", "IN")  # How a number without a country code is read.
CALL_HOURS_FILE = env.str("CALL_HOURS_FILE", "")  # Hours that count where nobody said others; "": those we ship.
# Whom to call next: the most points of each reason, 0 to leave it out, and from where on something counts.
NEXT_CALL_POINTS = {
    "PROMISE_DUE": bounded("POINTS_PROMISE_DUE", 50, least=0, most=100),
    "ORDER_LATE": bounded("POINTS_ORDER_LATE", 40, least=0, most=100),
    "CADENCE_OVERDUE": bounded("POINTS_CADENCE_OVERDUE", 30, least=0, most=100),
    "NEW_LEAD": bounded("POINTS_NEW_LEAD", 25, least=0, most=100),
    "MISSED_CALL": bounded("POINTS_MISSED_CALL", 15, least=0, most=100),
    "SILENCE": bounded("POINTS_SILENCE", 15, least=0, most=100),
    "HIGH_POTENTIAL": bounded("POINTS_HIGH_POTENTIAL", 10, least=0, most=100),
    "TRIED": bounded("POINTS_TRIED", 30, least=0, most=100),
}
CALL_ATTEMPTS = bounded("CALL_ATTEMPTS", 3, least=1, most=20)  # After so many in vain, a plan moves on.
SILENCE_DAYS = bounded("SILENCE_DAYS", 30, least=1, most=366)
CALLS_A_DAY = bounded("CALLS_A_DAY", 25, least=1, most=500)  # How many calls a person's day holds.

# --- What is done by itself -------------------------------------------------------------------------
JOBS = "LeadManagementSystem.schedule.JOBS"
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "")  # Without one, `manage.py run_jobs` runs the jobs.
KEEP_DAYS = env.int("KEEP_DAYS", 30)  # How long the records of what is over are kept.

# --- The API --------------------------------------------------------------------------------------
REQUIRE_IF_MATCH = env.bool("REQUIRE_IF_MATCH", False)
IDEMPOTENCY_HOURS = 24
# How many requests a minute: of one person, of one API key unless it says otherwise, and of nobody from one address.
PERSON_REQUESTS_A_MINUTE = bounded("PERSON_REQUESTS_A_MINUTE", 600, least=0, most=1_000_000)
KEY_REQUESTS_A_MINUTE = bounded("KEY_REQUESTS_A_MINUTE", 120, least=0, most=1_000_000)
ADDRESS_REQUESTS_A_MINUTE = bounded("ADDRESS_REQUESTS_A_MINUTE", 60, least=0, most=1_000_000)
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "kams.authentication.TokenAuthentication",
        "kams.authentication.KeyAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["kams.permissions.MayEdit"],
    "DEFAULT_PARSER_CLASSES": ["common.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["common.api.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["common.api.filters.StrictFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "common.api.pagination.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "common.api.schema.Schema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "common.api.problems.exception_handler",
    "COERCE_DECIMAL_TO_STRING": False,
    "NON_FIELD_ERRORS_KEY": "body",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": env.int("NUM_PROXIES", 0),
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "KAM Lead Management",
    "VERSION": "1.0.0",
    "DESCRIPTION": (
        "Restaurants and their people, what was said and ordered, whom to call next, and who is slipping.\n\n"
        "Get a token with `POST /api/token/` and send it as `Authorization: Bearer …`; other systems send an API key. "
        "Lists are bare arrays, one page at a time. Errors are `application/problem+json` and name the field and the "
        "remedy. Bodies and parameters are strict: a name that is unknown, or there twice, is refused. No text holds a "
        "NUL or half of a surrogate pair."
    ),
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "TAGS": [
        {"name": "token", "description": "Logging in and staying in."},
        {"name": "kam", "description": "People and teams."},
        {"name": "notifications", "description": "What I was told, and what I want to be told."},
        {"name": "lead", "description": "Restaurants: leads, accounts and customers are ages of the same record."},
        {"name": "contact", "description": "The people at the restaurants."},
        {"name": "track", "description": "What happened with a restaurant, and what it ordered."},
        {"name": "call", "description": "Call plans: how often a restaurant is called, and when next."},
        {"name": "performance", "description": "Accounts by what they bring."},
        {"name": "health", "description": "For balancers."},
        {"name": "schema", "description": "This document."},
    ],
    # Bodies take what answers do not hold, and the other way round.
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/(api/)?",
    "GET_LIB_DOC_EXCLUDES": "common.api.schema.undocumented",
    "ENUM_NAME_OVERRIDES": {
        "LeadStatus": "leads.choices.LeadStatus",
        "RoleKind": "contact.choices.RoleKind",
        "InteractionType": "interaction_tracking.choices.InteractionType",
        "InteractionStatus": "interaction_tracking.choices.InteractionStatus",
        "CallOutcome": "interaction_tracking.choices.CallOutcome",
        "Frequency": "call_planning.choices.Frequency",
    },
    # From our own server, without a call to anybody else.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "displayRequestDuration": True},
    # Reading the documentation needs no token.
    "SERVE_AUTHENTICATION": [],
}
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_EXPOSE_HEADERS = ["Link", "ETag", "X-Total-Count", "Retry-After", "Location", "Idempotency-Replayed"]
CORS_EXPOSE_HEADERS += ["RateLimit", "RateLimit-Policy", "X-Request-ID"]
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "idempotency-key", "if-match", "if-none-match"]
CORS_ALLOW_HEADERS += ["x-request-id"]

# --- Pages, files, mail ---------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Hashed names need `collectstatic`; outside production the pages must work without it.
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
vars().update(env.email_url("EMAIL_URL", f"filemail:///{STATE_DIR / 'mail'}"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "KAM Lead Management <no-reply@localhost>")

# --- Safety ---------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if env.bool("TRUST_X_FORWARDED_PROTO", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- Logs -----------------------------------------------------------------------------------------
LOGGING = watching.LOGGING
METRICS_TOKEN, PROMETHEUS_EXPORT_MIGRATIONS = watching.METRICS_TOKEN, False
# What stands behind these is a secret by itself; a line of the log shows none of it.
SECRET_PATHS = ["/notifications/unsubscribe/", "/call/calendar/"]
