"""Pictures of models and recordings; they need matplotlib (`pip install libhar[plot]`).

Each module makes one kind of picture as a matplotlib `Figure`, which `canvas.save` writes as PNG or
SVG, the same bytes every time. Colours are those of Okabe and Ito, which colour-blind people tell
apart; nothing is said by colour alone.
"""
