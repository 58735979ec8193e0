// The real program at the other end of a pipe: one JSON line there, one back, in order.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Program {
  constructor(path) {
    this.waiting = [];
    this.process = spawn(path, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.ended = new Promise((done) => this.process.on('close', done));
    createInterface({ input: this.process.stdout }).on('line', (line) => this.waiting.shift().resolve(JSON.parse(line)));
    this.process.on('close', (code) => this.broken(new Error(`the driver ended with ${code}: ${this.last}`)));
    this.process.stdin.on('error', (error) => this.broken(error));
  }

  broken(error) {
    this.error ??= error;
    for (const one of this.waiting.splice(0)) one.reject(this.error);
  }

  async ask(command) {
    if (this.error) throw this.error;
    const answer = await new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.process.stdin.write(`${JSON.stringify(command)}\n`);
    });
    this.last = answer.error ?? this.last;
    if (answer.error) throw new Error(`${command.do}: ${answer.error}`);
    return answer;
  }

  async end() {
    this.process.stdin.end();
    await this.ended;
  }
}
