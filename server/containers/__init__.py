"""Containers: what a marketer decides for one site.

tag_configs/*.yaml ──load──▶ Container ──▶ collector (cookie, origins, what the tag observes)
                                     └──▶ sorter (own sites, version; later: tags)
"""
