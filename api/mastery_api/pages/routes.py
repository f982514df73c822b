"""All pages, gathered."""

from fastapi import APIRouter

from mastery_api.pages import checking, contract, levels, start

router = APIRouter(include_in_schema=False)
for page in (start, levels, checking, contract):
    router.include_router(page.router)
