"""What the recipes share: windows, augmentation, the training loop, export, publication."""
