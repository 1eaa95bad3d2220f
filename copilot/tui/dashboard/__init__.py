"""What runs cost, how long they take, how good they are: figures, plots, the runs behind them."""
