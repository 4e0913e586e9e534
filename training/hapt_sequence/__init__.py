"""The sequence models of HAPT: hapt_rnn, hapt_lstm, hapt_gru."""
