CREATE DATABASE IF NOT EXISTS freehold {on_cluster}
