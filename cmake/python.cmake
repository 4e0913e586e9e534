# What a Python wheel carries beside the package's own files (pyproject.toml): the library, models, a recording.
# Scikit-build-core sets SKBUILD, and installs the component `python` into the wheel.
set_property(TARGET har_shared PROPERTY VERSION) # a wheel has no links: one file, by the name that is looked for
set_property(TARGET har_shared PROPERTY SOVERSION)
install(TARGETS har_shared
  LIBRARY DESTINATION libhar COMPONENT python
  RUNTIME DESTINATION libhar COMPONENT python)

# The INT8 forms of what README.md lists, 1.2 MB in all.
foreach(model
    uci_har_cnn uci_har_student hapt_gru hapt_lstm hapt_rnn mhealth_cnn_lstm_attention mhealth_cnn_lstm_attention_leg
    mhealth_cnn_lstm_attention_arm wisdm_rab_kd opportunity_resnet)
  install(FILES models/${model}_int8.har DESTINATION libhar/models COMPONENT python)
endforeach()
install(FILES examples/recordings/simulated.csv DESTINATION libhar/recordings COMPONENT python)
