"""Skills: instructions for models, which anybody who may write proposes and only an admin approves."""
