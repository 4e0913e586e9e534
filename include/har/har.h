/** @file
 * libhar: what a person is doing, from motion sensors. Includes the whole public API. */
#ifndef HAR_HAR_H
#define HAR_HAR_H

#include "har/allocator.h"
#include "har/backend.h"
#include "har/cpu.h"
#include "har/decision.h"
#include "har/explain.h"
#include "har/export.h"
#include "har/model.h"
#include "har/source.h"
#include "har/status.h"
#include "har/stream.h"
#include "har/version.h"

#endif /* HAR_HAR_H */
