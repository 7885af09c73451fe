"""Containers of Google Tag Manager become containers of ours, with a report on every part.

    bytes ──export──▶ elements ──▶ variables ▸ triggers ▸ tags ▸ transformations ──▶ draft ──▶ YAML
                                                                               └────▶ Report

Pure: JSON in, a container's text and a report out. What cannot be the same is told, never guessed;
what would send more than it did is left out or paused. Custom HTML and JavaScript are never run.
"""
