"""What handlers ask FastAPI for."""

from typing import Annotated

from fastapi import Depends, Query

from aidb.fields import MAX_OFFSET
from aidb.fields import Query as Question
from aidb.service import Service, get_service

TheService = Annotated[Service, Depends(get_service)]
Limit = Annotated[int, Query(ge=1, le=200)]
Skip = Annotated[int, Query(ge=0, le=MAX_OFFSET)]
Q = Annotated[Question | None, Query(description="words, in web search syntax")]
