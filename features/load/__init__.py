"""What `python3 -m ops bench` loads: four requests of the shop, and other implementations of the same contract."""
