"""Containers: what a marketer decides for one site.

    tag_configs/*.yaml ──load──▶ plain tree ──checks──▶ Container ──▶ collector (cookie, origins,
                    (all faults at once, each with its place)  │           what the tag observes)
                                                               │
                  TagTypes, of the destinations ──▶ plan.compile_container
                                                               ▼
    sorter:   Event ──────────▶ decide ◀────────────────────  Plan
                                  │      triggers (match, condition, gate, memory) · consent ·
                                  │      what the tag sees (transform) · values, variables
                                  ├──▶ Send      what a tag is owed
                                  └──▶ Withheld  on the event's own row

What an event gives is looked up (lookup), never run. A tag's decision can be told in words
(decide.explain), by the same functions that decide.
"""
