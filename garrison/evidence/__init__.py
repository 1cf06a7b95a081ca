"""What must hold on a deployed host, judged by pure functions from what was seen there."""
