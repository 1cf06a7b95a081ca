"""The picture of services, networks and ports: graph → layers → places → SVG, each step pure and the same each time."""
