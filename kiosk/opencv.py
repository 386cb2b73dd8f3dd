"""OpenCV for the application, tamed in one place; see ``drivers.opencv``."""

from drivers.opencv import cv2

__all__ = ["cv2"]
