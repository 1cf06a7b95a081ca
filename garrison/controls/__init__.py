"""What a hardened host must be, as data: read from controls/, written by the deploy, judged from a look at the host."""
