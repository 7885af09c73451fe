"""What was acknowledged against what ClickHouse has: equal, or exit 1.

ids       what was answered 2xx is there, each once: crashes, faults and visitors all end with it
told      what a browser was told of an event, and so what has to be stored of it
visits    that its consent was kept, its session found, and partners got what they may have
"""
