"""All pages, gathered."""

from fastapi import APIRouter

from mastery_api.pages import checking, contract, levels, skills, start, visions

router = APIRouter(include_in_schema=False)
for page in (start, levels, checking, skills, visions, contract):
    router.include_router(page.router)
