"""Everything that fer_edge raises on purpose: a base class, and one for each kind of trouble."""


class FerEdgeError(Exception):
    """Base of the errors that a user can do something about; `str(error)` fits on one line."""


class CameraError(FerEdgeError):
    """A camera, a video or a folder of pictures could not be opened, or stopped giving frames."""


class PictureError(FerEdgeError):
    """A picture file could not be decoded, or an array is not a picture."""


class ModelError(FerEdgeError):
    """A model file is missing, cut short, foreign, or its card and its tensors disagree."""


class BackendMissingError(FerEdgeError):
    """An optional package is not installed; the message says what to install."""
