"""Page tags, made ready for the page: the same triggers and conditions, asked there.

    PageTag, Trigger, Condition, Variable ──▶ JSON in tag.js ──▶ js_snippet/page_tags.js

    looks       what a page knows of an event      patterns    RE2 as JavaScript has it
    conditions  operators, as patterns and bounds  markup      HTML, and what may be written into it
    compiled    all of a tag, with its faults      effort      which of them a browser is quick with

The page's script is small because all work is done here: it looks something up, matches a pattern,
compares a number, and writes what it found with every special character escaped.
"""
