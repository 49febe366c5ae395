"""HTTP: the application, its plugins, the contract of each route, its document, and what goes in and out."""
