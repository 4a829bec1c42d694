mod chain;
mod hostile;
mod rooms;
