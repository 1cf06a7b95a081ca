"""What all lab hosts share; the file's name is the group that pyinfra gives every host of inventory/lab.py."""

# The lab binds a folder of this machine there, so that built images outlive a lab host.
image_cache = "/var/cache/garrison/images"
