"""The same site with Wagtail, a content management system of some two hundred migrations."""

from settings import *  # noqa: F403
from settings import INSTALLED_APPS as _DJANGO

INSTALLED_APPS = [
    *_DJANGO,
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.search_promotions",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail.locales",
    "wagtail",
    "modelcluster",
    "taggit",
]
# two applications of that name
INSTALLED_APPS.remove("django.contrib.redirects")
WAGTAIL_SITE_NAME = "test"
WAGTAILADMIN_BASE_URL = "http://localhost"
STATIC_URL = "/static/"
SILENCED_SYSTEM_CHECKS = ["admin.E403", "admin.E406", "admin.E408", "admin.E409", "admin.E410"]
ROOT_URLCONF = "settings_wagtail"
urlpatterns = []
