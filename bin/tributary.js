#!/usr/bin/env node
import '../dist/src/clients/cli.js';
