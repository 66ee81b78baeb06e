"""Batches for training jobs from a Data Dispatcher, with exact resume.

    from data_dispatcher import open_session

    with open_session("dispatcher:8090", dataset="mnist", batch_size=64, shuffle=7, epochs=3) as batches:
        for batch in batches:
            step(batch["image"], batch["label"])
            save(batches.state_dict())
"""

from ._batch import Batch
from ._errors import DispatcherError, ProtocolError, SessionClosed
from ._open import open_session
from ._serving import serve
from ._session import Session, Stats

__all__ = ["Batch", "DispatcherError", "ProtocolError", "Session", "SessionClosed", "Stats", "open_session", "serve"]
