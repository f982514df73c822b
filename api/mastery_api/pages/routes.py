"""All pages, gathered."""

from fastapi import APIRouter

from mastery_api.pages import checking, contract, levels, recognising, skills, stacking, start, visions

router = APIRouter(include_in_schema=False)
for page in (start, levels, checking, stacking, recognising, skills, visions, contract):
    router.include_router(page.router)
